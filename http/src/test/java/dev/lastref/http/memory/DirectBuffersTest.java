package dev.lastref.http.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lastref.http.testing.Gate;
import dev.lastref.http.testing.ScriptedOrigin;
import dev.lastref.pool.testing.ChildJvm;
import io.undertow.connector.PooledByteBuffer;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class DirectBuffersTest {
    private static final int SIZE = 16 * 1024;

    private final AtomicLong room = new AtomicLong();
    private final DirectBuffers buffers = new DirectBuffers(SIZE, 100 * SIZE, DirectBuffers.MOST_WARM, room::get);

    @Test
    void whereThereIsNoRoomWhoAsksIsToldWithoutTheJdkBeingAsked() {
        long made = new DirectMemory(0).getAsLong();
        for (long left : new long[] {DirectBuffers.SPARE + SIZE - 1, 0, -1}) {
            room.set(left);
            assertThatThrownBy(buffers::allocate).isInstanceOf(OutOfMemoryError.class);
        }
        assertThat(new DirectMemory(0).getAsLong()).isEqualTo(made);
        room.set(DirectBuffers.SPARE + SIZE);
        try (PooledByteBuffer one = buffers.allocate()) {
            assertThat(one.getBuffer().isDirect()).isTrue();
            assertThat(new DirectMemory(0).getAsLong()).isEqualTo(made - SIZE);
        }
        buffers.close();
    }

    @Test
    void whatWasGivenBackIsLentAgainWhetherThereIsRoomOrNot() {
        room.set(Long.MAX_VALUE);
        PooledByteBuffer first = buffers.allocate();
        ByteBuffer itself = first.getBuffer();
        itself.position(7).limit(9);
        first.close();
        first.close(); // is given back once
        assertThat(first.isOpen()).isFalse();
        assertThatThrownBy(first::getBuffer).isInstanceOf(IllegalStateException.class);
        room.set(0);
        try (PooledByteBuffer again = buffers.allocate()) {
            assertThat(again.getBuffer()).isSameAs(itself);
            assertThat(itself.remaining()).isEqualTo(SIZE);
            assertThatThrownBy(buffers::allocate).isInstanceOf(OutOfMemoryError.class);
        }
        buffers.close();
    }

    @Test
    void whatAThreadGivesBackIsLentToOthersButForAFew() throws Exception {
        room.set(Long.MAX_VALUE);
        List<PooledByteBuffer> taken = new ArrayList<>();
        for (int i = 0; i < DirectBuffers.MOST_WARM + 5; i++) {
            taken.add(buffers.allocate());
        }
        taken.forEach(PooledByteBuffer::close);
        room.set(0);
        int lent = CompletableFuture.supplyAsync(() -> {
                    int count = 0;
                    try {
                        while (true) {
                            assertThat(buffers.allocate().isOpen()).isTrue();
                            count++;
                        }
                    } catch (OutOfMemoryError none) {
                        return count;
                    }
                })
                .get(30, TimeUnit.SECONDS);
        assertThat(lent).isEqualTo(5);
        buffers.close();
    }

    @Test
    void noneIsKeptOnceItIsClosedBeItThatOneIsGivenBackLater() {
        room.set(Long.MAX_VALUE);
        List<PooledByteBuffer> taken = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            taken.add(buffers.allocate());
        }
        PooledByteBuffer last = taken.remove(0);
        taken.forEach(PooledByteBuffer::close);
        buffers.close();
        last.close();
        room.set(0);
        assertThatThrownBy(buffers::allocate).isInstanceOf(OutOfMemoryError.class);
    }

    /** The JDK would have the collector run for each buffer that it has no room for, and whoever asks wait for that. */
    @Test
    void whereOthersHaveTakenWhatIsOutsideTheHeapHitsAreAnsweredAndNoCollectionIsAskedFor() throws Exception {
        try (ScriptedOrigin origin = ScriptedOrigin.start();
                ChildJvm child = ChildJvm.start(
                        List.of("env", "JAVA_TOOL_OPTIONS=-XX:MaxDirectMemorySize=3m -Xlog:gc"),
                        DirectMemoryTakenProgram.class,
                        origin.url())) {
            origin.on("/hit", ScriptedOrigin.ok("max-age=600", new byte[3000]));
            Gate never = new Gate();
            origin.on("/upload", call -> never.await());
            child.say("the origin is ready");
            assertThat(child.awaitExit()).as(child.output()).isZero();
            assertThat(child.output()).contains("uploads: 30", "hits: 30").doesNotContain("System.gc()");
            never.open();
        }
    }
}
