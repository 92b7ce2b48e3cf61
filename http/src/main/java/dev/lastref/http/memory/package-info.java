/**
 * What connections, requests and heads hold on the heap: counted by kind, bounded by kind, and added up, so that all of it together with the
 * index is no more than a heap carries. Start with {@link dev.lastref.http.memory.HeapAccount}. And buffers outside the heap, for which nobody
 * waits. Of the rest it knows only what an index would take.
 */
@NullMarked
package dev.lastref.http.memory;

import org.jspecify.annotations.NullMarked;
