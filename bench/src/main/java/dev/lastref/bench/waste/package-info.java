/**
 * The waste run: a day of mixed traffic in virtual time, through the real {@link dev.lastref.cache.ResponseCache} and
 * {@link dev.lastref.pool.TmpfsPool}, beside an ideal cache of the same size.
 *
 * <p>Start with {@link dev.lastref.bench.waste.WasteCommand}, then {@code Run}.
 */
@NullMarked
package dev.lastref.bench.waste;

import org.jspecify.annotations.NullMarked;
