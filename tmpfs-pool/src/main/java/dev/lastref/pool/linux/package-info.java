/**
 * The native seam: every system call that Lastref makes beyond the JDK's own, one small class a feature. No other package
 * imports JNA.
 *
 * <p>Start with {@link dev.lastref.pool.linux.MemFile}, the file that a segment lives in. Nothing here knows of extents, caches
 * or HTTP. A call that fails throws {@link dev.lastref.pool.linux.NativeException}; an answer that is part of the question
 * (EBUSY from the seal) is a return value.
 */
@NullMarked
package dev.lastref.pool.linux;

import org.jspecify.annotations.NullMarked;
