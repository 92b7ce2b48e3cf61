package dev.lastref.http.message;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import org.junit.jupiter.api.Test;

class ReasonTest {
    @Test
    void isSaidInWords() {
        assertThat(Reason.of(new NoSuchFileException("/x"))).isEqualTo("there is no such file");
        assertThat(Reason.of(new AccessDeniedException("/x"))).startsWith("permission denied, to the user ");
        assertThat(Reason.of(new FileSystemException("/x", null, "Is a directory")))
                .isEqualTo("Is a directory");
        assertThat(Reason.of(new UnknownHostException("nowhere.test")))
                .isEqualTo("no address is known for nowhere.test");
        assertThat(Reason.of(new ConnectException("Connection refused"))).isEqualTo("Connection refused");
        assertThat(Reason.of(new ConnectException())).isEqualTo("nobody accepts connections there");
        ConnectException unresolved = new ConnectException();
        unresolved.initCause(new ConnectException().initCause(new UnresolvedAddressException()));
        assertThat(Reason.of(unresolved)).isEqualTo("no address is known for that name");
        assertThat(Reason.of(new ClosedChannelException())).isEqualTo("the connection was closed");
        assertThat(Reason.of(new IOException("why"))).isEqualTo("why");
    }
}
