/**
 * INFO: what a node tells of itself to people and tools, a section a class. Field names and their order are Redis's, because
 * tools parse them; fields of our own come behind them or in sections of their own.
 */
package io.granary.node.info;
