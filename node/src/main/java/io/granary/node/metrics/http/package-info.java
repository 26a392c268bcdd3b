/**
 * The port of {@code metrics-port}: {@code /metrics} for Prometheus, {@code /healthz} and {@code /readyz} for whoever runs
 * nodes. It has a thread of its own and small limits, so that nothing that a scraper does can be felt by clients; it never
 * changes anything, and tells no secret and no data.
 */
package io.granary.node.metrics.http;
