package dev.lastref.cache;

import dev.lastref.pool.Transmission;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.function.IntUnaryOperator;

/** A client's connection that keeps what it takes, and takes as much as it is told to. */
final class CollectingSink implements BodySink {
    private final ByteArrayOutputStream taken = new ByteArrayOutputStream();
    private final IntUnaryOperator appetite;

    /** Takes everything. */
    CollectingSink() {
        this(offered -> offered);
    }

    /** @param appetite of so many bytes offered, how many to take at most; 0: none for now */
    CollectingSink(IntUnaryOperator appetite) {
        this.appetite = appetite;
    }

    byte[] bytes() {
        return taken.toByteArray();
    }

    @Override
    public boolean send(Transmission transmission) {
        while (transmission.available() > 0) {
            ByteBuffer next = transmission.peek(Integer.MAX_VALUE);
            int n = willing(next);
            if (n == 0) {
                return false;
            }
            take(next, n);
            transmission.advance(n);
        }
        return true;
    }

    @Override
    public boolean send(ByteBuffer bytes) {
        while (bytes.hasRemaining()) {
            int n = willing(bytes);
            if (n == 0) {
                return false;
            }
            take(bytes, n);
        }
        return true;
    }

    private int willing(ByteBuffer offered) {
        return Math.min(offered.remaining(), appetite.applyAsInt(offered.remaining()));
    }

    private void take(ByteBuffer from, int n) {
        byte[] copy = new byte[n];
        from.get(copy);
        taken.write(copy, 0, n);
    }
}
