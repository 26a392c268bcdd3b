/**
 * What a node tells Prometheus: the fields of INFO, CLUSTER INFO, SLOWLOG and LATENCY under the names of redis_exporter, so
 * that dashboards and alerts made for it work, and a few of our own that begin with {@code granary_}. Measures nothing by
 * itself: a number that is not in one of those replies is not here either. Source of the names:
 * github.com/oliver006/redis_exporter.
 */
package io.granary.node.metrics.exposition;
