package dev.lastref.http.listen;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.xnio.conduits.ReadReadyHandler;
import org.xnio.conduits.StreamSourceConduit;

/**
 * Reads a connection, and once our side of it has ended, elsewhere: whoever reads the client's end then closes the socket by that, which
 * is not for its I/O thread where many are closed at once (see {@link Leavers}). What was read there is handed on here.
 *
 * <p>For the connection's I/O thread.
 */
final class ReadElsewhere extends ReadAlike {
    /** What clients still say when all is said is mostly nothing, or that they have heard it. */
    private static final int AT_A_TIME = 2048;

    private final BooleanSupplier isAllSaid;
    private final BooleanSupplier isEnding;
    private final Consumer<Runnable> elsewhere;
    private @Nullable ReadReadyHandler handler;
    private boolean resumed;
    private boolean woken;

    /** It is being read elsewhere, and nobody may read it here. */
    private boolean away;

    private @Nullable ByteBuffer came;
    private @Nullable IOException failure;
    private boolean over;
    /** Nobody is to read here any more. */
    private boolean shut;

    /**
     * @param isAllSaid whether our side has ended
     * @param isEnding whether the socket is others' to read by now, and to close
     * @param elsewhere runs something soon, on the I/O thread or on another
     */
    ReadElsewhere(
            StreamSourceConduit next,
            BooleanSupplier isAllSaid,
            BooleanSupplier isEnding,
            Consumer<Runnable> elsewhere) {
        super(next);
        this.isAllSaid = isAllSaid;
        this.isEnding = isEnding;
        this.elsewhere = elsewhere;
    }

    @Override
    public int read(ByteBuffer to) throws IOException {
        ByteBuffer there = came;
        if (there != null) {
            int n = Math.min(there.remaining(), to.remaining());
            to.put(there.slice().limit(n));
            there.position(there.position() + n);
            came = there.hasRemaining() ? there : null;
            return n;
        }
        IOException known = failure;
        if (known != null) {
            throw known;
        }
        if (over || shut) {
            return -1;
        }
        if (away || isAllSaid.getAsBoolean()) {
            goAway();
            return 0;
        }
        return next.read(to);
    }

    private void goAway() {
        if (!away) {
            away = true;
            next.suspendReads();
            elsewhere.accept(this::readThere);
        }
    }

    /** On any thread. */
    private void readThere() {
        ByteBuffer bytes = ByteBuffer.allocate(AT_A_TIME);
        int n = 0;
        IOException failed = null;
        try {
            n = next.read(bytes);
        } catch (IOException clientIsGone) {
            failed = clientIsGone;
        }
        boolean end = n < 0;
        ByteBuffer read = n > 0 ? bytes.flip() : null;
        IOException gone = failed;
        try {
            getReadThread().execute(() -> comeBack(read, gone, end));
        } catch (RejectedExecutionException threadHasEnded) {
            // with which all its connections are closed
        }
    }

    private void comeBack(@Nullable ByteBuffer read, @Nullable IOException gone, boolean end) {
        away = false;
        came = read;
        failure = gone;
        over = end;
        boolean call = resumed && (woken || hasNews());
        woken = false;
        if (call) {
            ready();
        } else if (resumed) {
            next.resumeReads();
        }
    }

    private boolean hasNews() {
        return came != null || failure != null || over;
    }

    private void ready() {
        ReadReadyHandler told = handler;
        if (told != null) {
            told.readReady();
        }
        if (!resumed || away) {
            return;
        }
        if (came != null) { // who takes it a part at a time is called again
            readySoon();
        } else if (!hasNews()) {
            next.resumeReads();
        }
    }

    private void readySoon() {
        try {
            getReadThread().execute(() -> {
                if (resumed && !away) {
                    ready();
                }
            });
        } catch (RejectedExecutionException threadHasEnded) {
            // with which all its connections are closed
        }
    }

    @Override
    public void terminateReads() throws IOException {
        if (isEnding.getAsBoolean()) {
            shut = true;
        } else {
            super.terminateReads();
        }
    }

    @Override
    public boolean isReadShutdown() {
        return shut || super.isReadShutdown();
    }

    @Override
    public void setReadReadyHandler(ReadReadyHandler newHandler) {
        handler = newHandler;
        super.setReadReadyHandler(newHandler);
    }

    @Override
    public void resumeReads() {
        if (hasNews()) {
            wakeupReads();
            return;
        }
        resumed = true;
        if (!away) {
            next.resumeReads();
        }
    }

    @Override
    public void wakeupReads() {
        resumed = true;
        if (away) {
            woken = true;
        } else if (hasNews()) { // the socket may have nothing more to wake anybody with
            readySoon();
        } else {
            next.wakeupReads();
        }
    }

    @Override
    public void suspendReads() {
        resumed = false;
        woken = false;
        next.suspendReads();
    }

    @Override
    public boolean isReadResumed() {
        return resumed;
    }
}
