package dev.lastref.http.origin;

import dev.lastref.cache.Fetch;
import dev.lastref.cache.FetchFailure;
import dev.lastref.cache.ResponseHead;
import dev.lastref.http.message.Fields;
import io.undertow.client.ClientCallback;
import io.undertow.client.ClientConnection;
import io.undertow.client.ClientExchange;
import io.undertow.client.ClientRequest;
import io.undertow.client.ClientResponse;
import io.undertow.util.HeaderMap;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.xnio.IoUtils;
import org.xnio.XnioIoThread;

/**
 * One request to the origin: takes or makes a connection, sends the request, hands the response's head to the fetch and its content to
 * a {@link ResponseBody}. All on one I/O thread.
 *
 * <pre>
 *  CONNECTING ──► SENT ──head──► ANSWERED ──last byte──► DONE
 *      ▲            │ a kept connection was closed under us
 *      └────────────┘ (once, if the request can be repeated)
 * </pre>
 */
final class OriginCall {
    private enum State {
        CONNECTING,
        SENT,
        ANSWERED,
        DONE
    }

    private static final System.Logger LOG = System.getLogger(OriginCall.class.getName());

    private final OriginClient client;
    private final XnioIoThread thread;
    private final OriginRequest request;
    private final Fetch fetch;
    private final Deadline deadline;

    private State state = State.CONNECTING;
    private boolean onKeptConnection;
    private long sentNanos;
    private long writtenBefore;
    private @Nullable ClientConnection connection;
    private @Nullable ResponseBody body;

    OriginCall(OriginClient client, XnioIoThread thread, OriginRequest request, Fetch fetch) {
        this.client = client;
        this.thread = thread;
        this.request = request;
        this.fetch = fetch;
        this.deadline = new Deadline(thread, this::late);
    }

    void start() {
        fetch.whenAbandoned(() -> thread.execute(() -> fail(FetchFailure.ABANDONED, "nobody waits for the response")));
        ClientConnection kept = client.connections().takeIdle(thread);
        if (kept != null) {
            onKeptConnection = true;
            guarded(() -> send(kept));
        } else {
            connect();
        }
    }

    private void connect() {
        state = State.CONNECTING;
        onKeptConnection = false;
        deadline.in(client.timeouts().connect());
        client.connections().connect(thread, new ClientCallback<>() {
            @Override
            public void completed(ClientConnection made) {
                if (state != State.CONNECTING) { // too late
                    IoUtils.safeClose(made);
                    return;
                }
                try {
                    client.connections().watch(made);
                    guarded(() -> send(made));
                } catch (IOException e) {
                    failed(e);
                }
            }

            @Override
            public void failed(IOException e) {
                fail(FetchFailure.UNREACHABLE, e.toString());
            }
        });
    }

    /** A fault of ours must not leave clients waiting: the listeners that call us would only log it. */
    private void guarded(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException fault) {
            LOG.log(System.Logger.Level.ERROR, "while " + state + ", asking for " + request.target(), fault);
            fail(FetchFailure.INTERNAL, fault.toString());
        }
    }

    private void late() {
        ClientConnection to = connection;
        if (state == State.SENT && to != null && request.content() != null) {
            // While the client's content still moves, the origin cannot be expected to answer.
            long written = to.getStatistics().getWritten();
            if (written != writtenBefore) {
                writtenBefore = written;
                deadline.in(client.timeouts().firstByte());
                return;
            }
        }
        fail(FetchFailure.TIMED_OUT, state == State.CONNECTING ? "no connection in time" : "no response in time");
    }

    private void send(ClientConnection to) {
        connection = to;
        state = State.SENT;
        sentNanos = client.now();
        deadline.in(client.timeouts().firstByte());
        ClientRequest message = new ClientRequest()
                .setMethod(HttpString.tryFromString(request.method()))
                .setPath(request.target());
        HeaderMap headers = message.getRequestHeaders();
        Fields.addTo(headers, request.fields());
        OriginRequest.Content content = request.content();
        if (content != null && content.length() >= 0) {
            headers.put(Headers.CONTENT_LENGTH, content.length());
        } else if (content != null) {
            headers.put(Headers.TRANSFER_ENCODING, Headers.CHUNKED.toString());
        }
        to.sendRequest(message, new ClientCallback<>() {
            @Override
            public void completed(ClientExchange exchange) {
                exchange.setResponseListener(new ClientCallback<>() {
                    @Override
                    public void completed(ClientExchange answered) {
                        guarded(() -> answered(answered));
                    }

                    @Override
                    public void failed(IOException e) {
                        broken(to, e);
                    }
                });
                if (content != null) {
                    new RequestBody(content, exchange.getRequestChannel(), client.buffers(), e -> broken(to, e))
                            .start();
                }
            }

            @Override
            public void failed(IOException e) {
                broken(to, e);
            }
        });
    }

    /** The connection broke, or the request could not be written. */
    private void broken(ClientConnection where, IOException why) {
        if (where != connection || state == State.DONE) {
            return;
        }
        connection = null; // closing it reports here again
        RawConnection.breakOff(where);
        if (state == State.SENT && onKeptConnection && request.canBeRepeated()) {
            // The origin closed it while our request was on the way: that is no failure of the origin.
            connect();
        } else if (state == State.ANSWERED && body != null) {
            body.broken(why);
        } else {
            fail(FetchFailure.BROKEN, why.toString());
        }
    }

    private void answered(ClientExchange exchange) {
        if (state != State.SENT) {
            return;
        }
        ClientResponse response = exchange.getResponse();
        int status = response.getResponseCode();
        ResponseHead head = status < 200 || status > 999
                ? null
                : ResponseFraming.headOf(request.method(), status, Fields.of(response.getResponseHeaders()));
        if (head == null) {
            fail(FetchFailure.MALFORMED, "status " + status + " with " + response.getResponseHeaders());
            return;
        }
        state = State.ANSWERED;
        deadline.in(client.timeouts().idle());
        body = new ResponseBody(this, exchange, head, ResponseFraming.hasContent(request.method(), status));
        fetch.respond(request.method(), head, sentNanos);
        body.start();
    }

    // ---- for the body

    XnioIoThread thread() {
        return thread;
    }

    Fetch fetch() {
        return fetch;
    }

    OriginClient client() {
        return client;
    }

    /** Content came, so the origin is alive. */
    void progressed() {
        deadline.in(client.timeouts().idle());
    }

    /** The readers are slow, which is not the origin's fault. */
    void paused() {
        deadline.clear();
    }

    boolean isDone() {
        return state == State.DONE;
    }

    /**
     * The response came whole.
     *
     * @param reusable whether the connection can take another request
     */
    void complete(boolean reusable) {
        if (isDone()) {
            return;
        }
        end(reusable);
        fetch.complete();
    }

    void fail(FetchFailure why, String detail) {
        if (isDone()) {
            return;
        }
        client.failures().failed(client.origin(), request, why, detail);
        end(false);
        fetch.fail(why);
    }

    private void end(boolean reusable) {
        state = State.DONE;
        deadline.clear();
        if (body != null) {
            body.free();
        }
        ClientConnection used = connection;
        if (used != null && reusable) {
            client.connections().putBack(used);
        } else if (used != null) {
            RawConnection.breakOff(used);
        }
    }
}
