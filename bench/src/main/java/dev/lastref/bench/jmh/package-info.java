/**
 * Microbenchmarks (JMH), one class for each part of a hit or a miss; run by {@code bench/jmh}. Their figures tell which part of the
 * whole is worth looking at; what a request costs, {@link dev.lastref.bench.compare} tells.
 */
@NullMarked
package dev.lastref.bench.jmh;

import org.jspecify.annotations.NullMarked;
