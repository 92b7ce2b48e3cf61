/**
 * A bounded pool of immutable extents in tmpfs-backed files, whose memory counts as used until the kernel says that nobody holds
 * its pages any more.
 *
 * <p>Start with {@link dev.lastref.pool.TmpfsPool}, then {@link dev.lastref.pool.Extent} for the ownership rules and
 * {@link dev.lastref.pool.SegmentState} for the life of a file. Depends on {@code dev.lastref.pool.linux} alone; knows nothing
 * of HTTP, caches or metrics, which observe it through {@link dev.lastref.pool.PoolListener}.
 */
@NullMarked
package dev.lastref.pool;

import org.jspecify.annotations.NullMarked;
