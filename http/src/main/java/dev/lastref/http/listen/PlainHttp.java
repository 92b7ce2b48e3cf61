package dev.lastref.http.listen;

import dev.lastref.http.message.FramingFault;
import java.nio.ByteBuffer;
import org.xnio.StreamConnection;
import org.xnio.conduits.ConduitStreamSourceChannel;
import org.xnio.conduits.ReadReadyHandler;

/**
 * HTTP in clear on a port that speaks TLS, as of somebody who has written http:// for https://. He is told so, in clear: an alert of TLS
 * is nothing to whoever does not speak it.
 */
final class PlainHttp {
    /** No record of TLS begins with a letter (RFC 8446, section 5.1), nor does a hello of SSL 2. */
    private static final int LONGEST_METHOD = 32;

    private PlainHttp() {}

    /**
     * Whether a request begins so, as far as it can be told from what is there: capital letters, up to a space if there is one.
     *
     * @param begin where it begins in the bytes, which go up to their limit
     */
    static boolean isBegunBy(ByteBuffer bytes, int begin) {
        int at = begin;
        while (at < bytes.limit() && isOfMethod(bytes.get(at))) {
            at++;
        }
        int length = at - begin;
        return length > 0 && length <= LONGEST_METHOD && (at == bytes.limit() || bytes.get(at) == ' ');
    }

    private static boolean isOfMethod(byte b) {
        return (b >= 'A' && b <= 'Z') || b == '-';
    }

    /**
     * Answers and ends, in clear. On the connection's I/O thread, once TLS is done with it.
     *
     * @param first what has been read of the request
     */
    static void refuse(ClientConnection client, byte[] first) {
        HeadStart head = new HeadStart();
        ByteBuffer bytes = ByteBuffer.wrap(first);
        head.add(bytes, 0, first.length, first.length);
        head.wrong(bytes, 0, first.length, first.length, first.length);
        StreamConnection accepted = client.channel();
        // TLS has set its own.
        ConduitStreamSourceChannel source = accepted.getSourceChannel();
        source.getConduit().setReadReadyHandler(new ReadReadyHandler.ChannelListenerHandler<>(source));
        FaultyHead.refuse(
                client, accepted, new DroppedBytes(source.getConduit()), head, FramingFault.PLAIN_WHERE_TLS_IS_SPOKEN);
    }
}
