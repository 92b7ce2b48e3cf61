package dev.lastref.http.soak;

import dev.lastref.http.testing.Response;
import java.io.IOException;

/** A client's way to ask. Used by one thread. */
interface Asking extends AutoCloseable {
    /** Asks, and reads the response as the question says: to its end, slowly, or only so far. */
    Response ask(Question question) throws IOException, InterruptedException;

    /** Changes a resource by POST; the response has no content. */
    Response change(Resource resource) throws IOException, InterruptedException;

    @Override
    void close() throws IOException;
}
