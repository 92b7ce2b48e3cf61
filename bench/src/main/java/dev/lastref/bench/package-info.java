/**
 * Measurements of Lastref, started by the scripts in {@code bench/}; not shipped, and not run by the build.
 *
 * <p>{@link dev.lastref.bench.waste} runs the real cache and pool through a day of virtual time and compares them with an ideal cache.
 * {@link dev.lastref.bench.compare} measures the sidecar against other caches, as a user would run them. {@code jmh} has
 * microbenchmarks. {@link dev.lastref.bench.chart} draws what they found. Nothing depends on this module.
 */
@NullMarked
package dev.lastref.bench;

import org.jspecify.annotations.NullMarked;
