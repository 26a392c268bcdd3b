/**
 * The last step of a build: runs the server and the CLI of a finished distribution once, so that the JVM can write down
 * what they load (an AOT cache), and both start faster ever after.
 */
package io.granary.tools.rehearsal;
