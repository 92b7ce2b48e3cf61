package dev.lastref.pool;

import java.nio.file.Path;

/** Opens a pool in a directory, fills a part of it and waits to be killed. */
final class DirectoryPoolProgram {
    private DirectoryPoolProgram() {}

    public static void main(String[] arguments) throws Exception {
        TmpfsPool pool = TmpfsPool.open(PoolConfig.of(1 << 20).withDirectory(Path.of(arguments[0])));
        Extent extent = Pools.write(pool, 1, 300_000);
        System.out.println("holds " + extent);
        System.in.read();
    }
}
