package dev.lastref.http.listen;

import dev.lastref.http.message.FramingFault;
import java.io.IOException;

/** A client's content does not end where its framing says, or has none that can be read. */
public final class FaultyContentException extends IOException {
    private static final long serialVersionUID = 1L;

    FaultyContentException(FramingFault fault) {
        super(fault.reason());
    }
}
