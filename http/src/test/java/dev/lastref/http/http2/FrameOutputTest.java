package dev.lastref.http.http2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastref.http.memory.HeapShare;
import io.undertow.server.DefaultByteBufferPool;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.xnio.ChannelPipe;
import org.xnio.OptionMap;
import org.xnio.Options;
import org.xnio.Xnio;
import org.xnio.XnioWorker;
import org.xnio.channels.StreamSinkChannel;
import org.xnio.channels.StreamSourceChannel;

/** How content becomes frames: what they are is read from the other end of a pipe. */
class FrameOutputTest {
    private static final int SIZE = 32 * 1024;

    private final DefaultByteBufferPool pool = new DefaultByteBufferPool(true, SIZE);
    private XnioWorker worker;
    private ChannelPipe<StreamSourceChannel, StreamSinkChannel> pipe;
    private FrameOutput output;

    @BeforeEach
    void open() throws IOException {
        worker = Xnio.getInstance()
                .createWorker(
                        OptionMap.builder().set(Options.WORKER_IO_THREADS, 1).getMap());
        pipe = worker.createHalfDuplexPipe();
        output = new FrameOutput(
                pipe.getRightSide(), new FrameBuffers(pool, 100 * SIZE, HeapShare.apart(0)), System::nanoTime);
    }

    @AfterEach
    void close() throws Exception {
        output.close();
        pipe.getRightSide().close();
        pipe.getLeftSide().close();
        worker.shutdown();
        worker.awaitTermination();
        pool.close();
    }

    private void data(int stream, int length, boolean ends) {
        output.data(stream, ByteBuffer.wrap(new byte[length]), length, ends);
    }

    /** Type, stream, length and flags of each frame that was written since the last look. */
    private List<String> written() throws IOException {
        assertThat(output.flush()).isTrue();
        ByteBuffer bytes = ByteBuffer.allocate(4 * SIZE);
        int n;
        do {
            n = pipe.getLeftSide().read(bytes);
        } while (n > 0);
        bytes.flip();
        List<String> frames = new ArrayList<>();
        while (bytes.hasRemaining()) {
            int first = bytes.getInt();
            int flags = bytes.get();
            frames.add((first & 0xff) + ":" + bytes.getInt() + ":" + (first >>> 8) + (flags == 0 ? "" : ":" + flags));
            bytes.position(bytes.position() + (first >>> 8));
        }
        return frames;
    }

    @Test
    void smallPiecesOfOneStreamBecomeOneFrame() throws Exception {
        for (int i = 0; i < 1000; i++) {
            data(1, 10, false);
        }
        assertThat(written()).containsExactly("0:1:10000");
    }

    @Test
    void aFrameIsAsLargeAsFramesMayBe() throws Exception {
        data(1, 16_000, false);
        data(1, 384, false);
        data(1, 1, false);
        assertThat(written()).containsExactly("0:1:16384", "0:1:1");
    }

    @Test
    void theEndGoesIntoTheFrameThatIsThere() throws Exception {
        data(1, 10, false);
        data(1, 5, true);
        data(3, 10, false);
        output.end(3);
        output.end(5);
        assertThat(written()).containsExactly("0:1:15:1", "0:3:10:1", "0:5:0:1");
    }

    @Test
    void nothingIsPutIntoAFrameThatSomethingIsBehind() throws Exception {
        data(1, 10, false);
        data(3, 10, false);
        data(1, 10, false);
        output.number(Frames.WINDOW_UPDATE, 0, 7);
        data(1, 10, false);
        output.number(Frames.RST_STREAM, 3, 8);
        output.end(1);
        assertThat(written()).containsExactly("0:1:10", "0:3:10", "0:1:10", "8:0:4", "0:1:10", "3:3:4", "0:1:0:1");
    }

    @Test
    void nothingIsPutIntoAFrameThatIsOnItsWayOrAtItsEnd() throws Exception {
        data(1, 10, false);
        assertThat(written()).containsExactly("0:1:10");
        data(1, 10, true);
        data(1, 10, false); // no stream does that; its frame is another one
        assertThat(written()).containsExactly("0:1:10:1", "0:1:10");
        output.end(1);
        assertThat(written()).containsExactly("0:1:0:1");
    }
}
