package dev.lastref.pool.linux;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/**
 * A tmpfs file of fixed size: written and sent through its channel, read through a mapping, and able to say whether anybody else still
 * holds its pages.
 *
 * <p>The owner closes it. Closing never changes bytes in flight. Reading a view after {@link #close} is a use after free that ends the
 * process: whoever hands out views counts them. Threads: reads, writes and sends from any; {@link #sealAgainstWrites} and {@link #close}
 * from one.
 */
public interface TmpfsFile extends AutoCloseable {
    /** The file's channel, shared by all: use positions, never close it, never touch it from an interruptible thread. */
    FileChannel channel();

    /** The whole file, read-only. Duplicate before use: position and limit are shared. */
    ByteBuffer view();

    /** Bytes. */
    long size();

    /**
     * Has the kernel find all of the file's pages now, so that the writes that follow need not.
     *
     * @throws IOException where memory does not suffice; then the file has as few pages as before
     */
    void allocatePages() throws IOException;

    /**
     * Whether no page of a range is in swap: reading or sending it then does not wait for a disk.
     *
     * @throws IOException if the kernel cannot be asked
     */
    boolean isResident(long offset, long length) throws IOException;

    /**
     * Takes whole pages out of the file, which then read as zeros. Who holds them keeps them as they are, and {@link #sealAgainstWrites}
     * does not see them any more. Only for files that have no large folios: in such a one the bytes in flight may be zeroed.
     *
     * @param offset a multiple of the page size, as {@code length} is
     * @return whether the pages left the file; if not, it has a large folio there
     */
    boolean punch(long offset, long length) throws IOException;

    /**
     * Asks whether any page of this file is still held by somebody, and forbids writing for ever if not.
     *
     * @return true if nobody holds a page; false if somebody may
     * @throws IOException if that cannot be asked; nothing is known then
     */
    boolean sealAgainstWrites() throws IOException;

    /** Whether {@link #sealAgainstWrites} can be asked: where not, nobody ever knows who holds its pages. */
    default boolean isSealable() {
        return true;
    }

    /** Gives the file back to the kernel. Every view of it is invalid from here on. Idempotent. */
    @Override
    void close();
}
