/**
 * The disk as the rest of the server sees it: a seam of few operations, so that a test can tear a write at any byte or
 * forget whatever was not synced. It knows no file format and never decides what a file's content means.
 */
package io.granary.persistence.disk;
