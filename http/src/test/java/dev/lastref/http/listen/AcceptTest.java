package dev.lastref.http.listen;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastref.http.testing.LoggedLines;
import dev.lastref.http.testing.RawClient;
import dev.lastref.http.testing.RawClient.Ending;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.xnio.IoUtils;
import org.xnio.OptionMap;
import org.xnio.Options;
import org.xnio.Xnio;
import org.xnio.XnioWorker;

class AcceptTest {
    private XnioWorker worker;

    @BeforeEach
    void start() throws Exception {
        worker = Xnio.getInstance(getClass().getClassLoader())
                .createWorker(OptionMap.create(Options.WORKER_IO_THREADS, 1));
    }

    @AfterEach
    void end() throws Exception {
        worker.shutdownNow();
        worker.awaitTermination();
    }

    @Test
    void whoCannotBeAdmittedIsClosedAndTheNextIsAccepted() throws Exception {
        AtomicInteger came = new AtomicInteger();
        var server = worker.createStreamConnectionServer(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                channel -> Listeners.accept(channel, accepted -> {
                    if (came.incrementAndGet() == 1) {
                        throw new NoClassDefFoundError("as where there is no descriptor to load it with");
                    }
                    IoUtils.safeClose(accepted);
                }),
                OptionMap.EMPTY);
        server.resumeAccepts();
        InetSocketAddress address = (InetSocketAddress) server.getLocalAddress();
        try (LoggedLines faults = new LoggedLines("org.xnio.listener")) {
            for (int i = 1; i <= 2; i++) {
                try (RawClient client = RawClient.connect(address)) {
                    assertThat(client.awaitEnd()).isEqualTo(Ending.FIN);
                }
                assertThat(came).hasValue(i);
            }
            assertThat(faults.lines()).singleElement().asString().contains("XNIO001007");
        }
    }
}
