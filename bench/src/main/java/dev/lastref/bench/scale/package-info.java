/**
 * What a hit costs as the number of entries, of connections and of slow readers grows, and what memory all of it takes. Start with
 * {@link dev.lastref.bench.scale.ScaleCommand}.
 */
@NullMarked
package dev.lastref.bench.scale;

import org.jspecify.annotations.NullMarked;
