/**
 * Lastref beside other HTTP caches: the same origin, the same load, in turns.
 *
 * <p>Start with {@link dev.lastref.bench.compare.CompareCommand}. A {@code Peer} is a cache and how it is started at its best, a
 * {@code Scenario} is what wrk or h2load asks for, {@code Rounds} lets them take turns, and {@code CompareReport} says what came of it. Processes
 * are bounded in time, and ended by their id.
 */
@NullMarked
package dev.lastref.bench.compare;

import org.jspecify.annotations.NullMarked;
