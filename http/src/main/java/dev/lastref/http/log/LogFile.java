package dev.lastref.http.log;

import dev.lastref.http.config.AccessLog;
import dev.lastref.pool.linux.NamedPipe;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.Function;

/**
 * Where the access log is written: a file, appended to, or one of the process's own streams. What cannot be written stays in the buffer,
 * and is tried again with what comes next. For one thread at a time, but for {@link #giveUp}.
 */
final class LogFile implements AutoCloseable {
    private static final int BUFFER = 64 * 1024;

    private final WritableByteChannel out;
    /** Lines to be written, from 0 to the position. */
    private final ByteBuffer lines = ByteBuffer.allocate(BUFFER);

    private final boolean ours;
    private final Function<LoggedRequest, String> format;

    /**
     * @param out which another thread may close while it is written to
     * @param ours whether it is closed with this
     * @param format makes a line of a request, without its end
     */
    LogFile(WritableByteChannel out, boolean ours, Function<LoggedRequest, String> format) {
        this.out = out;
        this.ours = ours;
        this.format = format;
    }

    /**
     * Opens it; makes it where it is missing.
     *
     * @throws IOException if it cannot be written to
     */
    static LogFile open(AccessLog wanted) throws IOException {
        requireUsable(wanted);
        Function<LoggedRequest, String> format = switch (wanted.format()) {
            case JSON -> LogFormat::json;
            case COMBINED -> LogFormat::combined;
        };
        return switch (wanted.target()) {
            case "stdout" -> new LogFile(new FileOutputStream(FileDescriptor.out).getChannel(), false, format);
            case "stderr" -> new LogFile(new FileOutputStream(FileDescriptor.err).getChannel(), false, format);
            default -> {
                try {
                    yield new LogFile(new FileOutputStream(wanted.target(), true).getChannel(), true, format);
                } catch (IOException e) {
                    throw new IOException("cannot write the access log: " + e.getMessage(), e);
                }
            }
        };
    }

    /**
     * Sees whether it could be opened, and changes nothing: where there is no file none is made.
     *
     * @throws IOException if it could not be written to
     */
    static void requireUsable(AccessLog wanted) throws IOException {
        if (!wanted.isFile()) {
            return;
        }
        Path file = Path.of(wanted.target());
        Path directory = file.toAbsolutePath().getParent();
        if (Files.isDirectory(file)) {
            throw unusable(file, "Is a directory");
        } else if (Files.isRegularFile(file)) {
            try {
                FileChannel.open(file, StandardOpenOption.APPEND).close();
            } catch (AccessDeniedException e) {
                throw unusable(file, "Permission denied");
            } catch (FileSystemException e) {
                throw unusable(file, String.valueOf(e.getReason()));
            }
        } else if (Files.exists(file)) {
            try {
                NamedPipe.refuse(file);
            } catch (FileSystemException e) {
                throw unusable(file, String.valueOf(e.getReason()));
            }
            if (!Files.isWritable(file)) {
                throw unusable(file, "Permission denied");
            }
        } else if (directory == null || !Files.isDirectory(directory)) {
            throw unusable(file, "No such file or directory");
        } else if (!Files.isWritable(directory) || !Files.isExecutable(directory)) {
            throw unusable(file, "Permission denied in " + directory + ", or it is mounted read-only");
        }
    }

    /** In the words that the system has where it is opened. */
    private static IOException unusable(Path file, String why) {
        return new IOException("cannot write the access log: " + file + " (" + why + ")");
    }

    void write(LoggedRequest request) throws IOException {
        byte[] line = (format.apply(request) + "\n").getBytes(StandardCharsets.UTF_8);
        if (line.length > lines.remaining()) {
            flush();
        }
        if (line.length > lines.remaining()) {
            writeAll(ByteBuffer.wrap(line));
        } else {
            lines.put(line);
        }
    }

    void flush() throws IOException {
        lines.flip();
        try {
            writeAll(lines);
        } finally {
            lines.compact();
        }
    }

    private void writeAll(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            out.write(bytes);
        }
    }

    /** How many lines were taken and are not written, or not whole. */
    int unwritten() {
        int count = 0;
        for (int i = 0; i < lines.position(); i++) {
            if (lines.get(i) == '\n') {
                count++;
            }
        }
        return count;
    }

    /**
     * Closes a file while another thread may be writing to it, which fails then, however long it would have waited for whom nobody knows.
     * One of the process's own streams stays as it is. Any thread.
     *
     * @return whether it was closed
     */
    boolean giveUp() throws IOException {
        if (ours) {
            out.close();
        }
        return ours;
    }

    @Override
    public void close() throws IOException {
        try {
            flush();
        } finally {
            giveUp();
        }
    }
}
