package dev.lastref.bench.load;

import java.io.IOException;

/** Is told when a client begins to count what is answered, and when it ends. */
public interface Counting {
    /** Nothing is counted. */
    Counting NOT = new Counting() {
        @Override
        public void begins() {}

        @Override
        public void ends() {}
    };

    void begins() throws IOException, InterruptedException;

    void ends() throws IOException, InterruptedException;
}
