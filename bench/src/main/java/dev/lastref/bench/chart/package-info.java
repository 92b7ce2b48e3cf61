/**
 * Draws measurements as SVG, for {@code docs/}. {@link dev.lastref.bench.chart.Figure} is where to start. Knows nothing of what was
 * measured.
 */
@NullMarked
package dev.lastref.bench.chart;

import org.jspecify.annotations.NullMarked;
