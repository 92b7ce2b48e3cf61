package dev.lastref.pool;

import dev.lastref.pool.linux.MemFile;
import dev.lastref.pool.linux.TmpfsFile;
import java.io.IOException;

/** Where the files of a pool's segments come from. Called under the pool's lock. */
@FunctionalInterface
interface SegmentFiles {
    /** Anonymous files: sealable, and gone with the process. */
    SegmentFiles MEMFD = (id, size) -> MemFile.create("lastref-" + id, size);

    /**
     * Makes a file that holds no page yet.
     *
     * @param id of the segment, part of the file's name
     * @param size bytes
     * @throws IOException if the system has no descriptor, no memory or no permission for it; the pool then refuses what does not fit
     *     the segments that it has
     */
    TmpfsFile create(int id, int size) throws IOException;
}
