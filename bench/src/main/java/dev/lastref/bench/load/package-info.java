/**
 * The programs that a benchmark starts, and what it reads of them: an nginx as origin, servers to be measured, wrk and h2load as their
 * clients.
 * Nothing is installed; processes are bounded in time, and ended by their id.
 */
@NullMarked
package dev.lastref.bench.load;

import org.jspecify.annotations.NullMarked;
