package dev.lastref.http.listen;

/** Makes for each connection the one that answers its requests early. Called on the connection's I/O thread. */
public interface EarlyResponders {
    /**
     * @param source what the client sends
     * @param sink what it is sent; the connection speaks HTTP/1.1
     */
    EarlyResponder on(StrictSource source, ClientSink sink);
}
