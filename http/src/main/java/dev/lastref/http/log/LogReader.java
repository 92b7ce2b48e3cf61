package dev.lastref.http.log;

/** Somebody who reads along. Called by the log's thread; must neither block nor throw. */
public interface LogReader {
    void request(LoggedRequest request);

    /** No more for now: what has come may be passed on. Called often. */
    void pause();
}
