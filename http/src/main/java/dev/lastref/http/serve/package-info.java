/** Answering clients: from the store, or from a fetch that fills it. Start with {@code CacheHandler}. */
@NullMarked
package dev.lastref.http.serve;

import org.jspecify.annotations.NullMarked;
