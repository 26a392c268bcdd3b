/**
 * Transcripts: text files that look like a session of redis-cli, played against a server in this process, against
 * redis-server and, from the tests of other modules, against a node. One file is test, oracle and documentation.
 */
package io.granary.slots.transcript;
