package dev.lastref.pool;

import dev.lastref.pool.linux.TmpfsFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.EnumMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Memory files whose system calls fail now and then, as a seed says. What succeeds is done by the kernel, so a fault never changes which
 * bytes are right. Faults of a kind come as often as a test sets, and not at all before.
 */
final class FaultyFiles implements SegmentFiles {
    /** What the system may do to a pool. */
    enum Fault {
        /** memfd_create: no memory, or no descriptor. */
        CREATE("memfd_create: Cannot allocate memory"),
        /** fallocate: no memory. */
        ALLOCATE("fallocate: Cannot allocate memory"),
        /** The write takes a part of the bytes. */
        SHORT_WRITE(""),
        /** The write fails, after a part of the bytes or none. */
        WRITE("write: No space left on device"),
        /** F_SEAL_WRITE: EBUSY, whoever holds the pages. */
        SEAL_REFUSED(""),
        /** F_SEAL_WRITE: an error that is no answer. */
        SEAL("fcntl: Cannot allocate memory"),
        /** fallocate with FALLOC_FL_PUNCH_HOLE fails. */
        PUNCH("fallocate: Operation not supported"),
        /** The pages stay in the file, as those of large folios that somebody holds do. */
        PUNCH_IN_VAIN(""),
        /** sendfile takes a part of the bytes. */
        SHORT_SEND(""),
        /** sendfile takes nothing: the socket's queue is full. */
        NO_SEND("");

        private final String message;

        Fault(String message) {
            this.message = message;
        }

        IOException exception() {
            return new IOException(message + " (injected)");
        }
    }

    private final Random random;
    private final Map<Fault, Integer> oneIn = new ConcurrentHashMap<>();
    private final Map<Fault, AtomicInteger> counts = new EnumMap<>(Fault.class);

    FaultyFiles(long seed) {
        this.random = new Random(seed);
        for (Fault fault : Fault.values()) {
            counts.put(fault, new AtomicInteger());
        }
    }

    /** From now on one call in this many has the fault; 1: each, 0: none. */
    FaultyFiles with(Fault fault, int calls) {
        oneIn.put(fault, calls);
        return this;
    }

    /** From now on nothing fails. */
    void heal() {
        oneIn.clear();
    }

    /** Whether calls have this fault now. */
    boolean has(Fault fault) {
        return oneIn.getOrDefault(fault, 0) > 0;
    }

    /** How often a fault was injected. */
    int count(Fault fault) {
        return counts.get(fault).get();
    }

    @Override
    public String toString() {
        return counts.toString();
    }

    private boolean strikes(Fault fault) {
        int calls = oneIn.getOrDefault(fault, 0);
        if (calls == 0 || random.nextInt(calls) > 0) {
            return false;
        }
        counts.get(fault).incrementAndGet();
        return true;
    }

    private int part(int all) {
        return all == 0 ? 0 : random.nextInt(all);
    }

    @Override
    public TmpfsFile create(int id, int size) throws IOException {
        if (strikes(Fault.CREATE)) {
            throw Fault.CREATE.exception();
        }
        return new FaultyFile(SegmentFiles.MEMFD.create(id, size));
    }

    private final class FaultyFile implements TmpfsFile {
        private final TmpfsFile file;
        private final FileChannel channel;

        FaultyFile(TmpfsFile file) {
            this.file = file;
            this.channel = new FaultyChannel(file.channel());
        }

        @Override
        public FileChannel channel() {
            return channel;
        }

        @Override
        public ByteBuffer view() {
            return file.view();
        }

        @Override
        public long size() {
            return file.size();
        }

        @Override
        public void allocatePages() throws IOException {
            if (strikes(Fault.ALLOCATE)) {
                throw Fault.ALLOCATE.exception();
            }
            file.allocatePages();
        }

        @Override
        public boolean isResident(long offset, long length) throws IOException {
            return file.isResident(offset, length);
        }

        @Override
        public boolean punch(long offset, long length) throws IOException {
            if (strikes(Fault.PUNCH)) {
                throw Fault.PUNCH.exception();
            }
            return !strikes(Fault.PUNCH_IN_VAIN) && file.punch(offset, length);
        }

        @Override
        public boolean sealAgainstWrites() throws IOException {
            if (strikes(Fault.SEAL)) {
                throw Fault.SEAL.exception();
            }
            return !strikes(Fault.SEAL_REFUSED) && file.sealAgainstWrites();
        }

        @Override
        public void close() {
            file.close();
        }
    }

    /** A pool writes by position and has bytes sent by position; everything else is passed on. */
    private final class FaultyChannel extends FileChannel {
        private final FileChannel channel;

        FaultyChannel(FileChannel channel) {
            this.channel = channel;
        }

        @Override
        public int write(ByteBuffer bytes, long position) throws IOException {
            boolean fails = strikes(Fault.WRITE);
            if (!fails && !strikes(Fault.SHORT_WRITE)) {
                return channel.write(bytes, position);
            }
            ByteBuffer some = bytes.duplicate();
            some.limit(some.position() + part(some.remaining()));
            int n = channel.write(some, position);
            if (fails) {
                throw Fault.WRITE.exception();
            }
            bytes.position(bytes.position() + n);
            return n;
        }

        @Override
        public long transferTo(long position, long count, WritableByteChannel target) throws IOException {
            if (strikes(Fault.NO_SEND)) {
                return 0;
            }
            boolean cut = strikes(Fault.SHORT_SEND);
            return channel.transferTo(position, cut ? 1 + part((int) Math.min(count, 1 << 20)) : count, target);
        }

        @Override
        public int read(ByteBuffer bytes) throws IOException {
            return channel.read(bytes);
        }

        @Override
        public long read(ByteBuffer[] buffers, int offset, int length) throws IOException {
            return channel.read(buffers, offset, length);
        }

        @Override
        public int write(ByteBuffer bytes) throws IOException {
            return channel.write(bytes);
        }

        @Override
        public long write(ByteBuffer[] buffers, int offset, int length) throws IOException {
            return channel.write(buffers, offset, length);
        }

        @Override
        public long position() throws IOException {
            return channel.position();
        }

        @Override
        public FileChannel position(long newPosition) throws IOException {
            channel.position(newPosition);
            return this;
        }

        @Override
        public long size() throws IOException {
            return channel.size();
        }

        @Override
        public FileChannel truncate(long size) throws IOException {
            channel.truncate(size);
            return this;
        }

        @Override
        public void force(boolean metadata) throws IOException {
            channel.force(metadata);
        }

        @Override
        public long transferFrom(ReadableByteChannel source, long position, long count) throws IOException {
            return channel.transferFrom(source, position, count);
        }

        @Override
        public int read(ByteBuffer bytes, long position) throws IOException {
            return channel.read(bytes, position);
        }

        @Override
        public MappedByteBuffer map(MapMode mode, long position, long size) throws IOException {
            return channel.map(mode, position, size);
        }

        @Override
        public FileLock lock(long position, long size, boolean shared) throws IOException {
            return channel.lock(position, size, shared);
        }

        @Override
        public FileLock tryLock(long position, long size, boolean shared) throws IOException {
            return channel.tryLock(position, size, shared);
        }

        @Override
        protected void implCloseChannel() throws IOException {
            channel.close();
        }
    }
}
