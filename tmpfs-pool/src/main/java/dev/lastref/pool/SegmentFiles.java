package dev.lastref.pool;

import dev.lastref.pool.linux.FileLimit;
import dev.lastref.pool.linux.HugePages;
import dev.lastref.pool.linux.MemFile;
import dev.lastref.pool.linux.TmpfsDirectory;
import dev.lastref.pool.linux.TmpfsFile;
import java.io.IOException;
import java.nio.file.Path;

/** Where the files of a pool's segments come from. Called under the pool's lock and, at the same time, by the reclaimer's thread. */
interface SegmentFiles extends AutoCloseable {
    /** Anonymous files: sealable, and gone with the process. */
    SegmentFiles MEMFD = new SegmentFiles() {
        @Override
        public TmpfsFile create(int id, int size) throws IOException {
            return MemFile.create("lastref-" + id, size);
        }

        @Override
        public boolean mayHaveLargeFolios() {
            return HugePages.ofThisSystem().mayBeGivenToMemfds();
        }
    };

    /**
     * Makes a file.
     *
     * @param id of the segment that it is made for, part of the file's name; others may be filled in it after that one
     * @param size bytes
     * @throws IOException if the system has no descriptor, no memory or no permission for it; the pool then refuses what does not fit
     *     the segments that it has
     */
    TmpfsFile create(int id, int size) throws IOException;

    /** Bytes that all of its files can have together; the pool is no larger. */
    default long limit() throws IOException {
        return Long.MAX_VALUE;
    }

    /** How many this process may have open at a time. */
    default FileLimit mostOpen() {
        return FileLimit.ofThisProcess();
    }

    /** Whether the system may give files pages that are parts of large folios, as far as can be seen. */
    default boolean mayHaveLargeFolios() {
        return false;
    }

    /** Whether pages of these files may be in swap. */
    default SwapWatch.Source swap() {
        return SwapWatch.Source.SYSTEM;
    }

    /** No more are made. */
    @Override
    default void close() {}

    /** How messages name those in a directory. */
    static String named(Path directory) {
        return "the tmpfs at " + directory;
    }

    /** Files in a tmpfs directory, which is closed with them. */
    static SegmentFiles in(TmpfsDirectory directory) {
        return new SegmentFiles() {
            @Override
            public TmpfsFile create(int id, int size) throws IOException {
                return directory.create(id, size);
            }

            @Override
            public long limit() throws IOException {
                return directory.availableBytes();
            }

            @Override
            public boolean mayHaveLargeFolios() {
                return HugePages.ofThisSystem().mayBeGivenIn(directory.path());
            }

            @Override
            public void close() {
                directory.close();
            }

            @Override
            public String toString() {
                return named(directory.path());
            }
        };
    }
}
