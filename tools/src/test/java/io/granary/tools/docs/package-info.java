/** Pages of the documentation as tests: what they have a reader type is typed, and prints what they say. */
package io.granary.tools.docs;
