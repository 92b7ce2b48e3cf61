package dev.lastref.samples.origin;

/** What one first path segment stands for. Called by many threads at once. */
@FunctionalInterface
interface Resource {

    /**
     * Says what the response is, without computing its body yet.
     *
     * @throws Refusal if the request names nothing or asks for something impossible
     */
    Answer answer(Request request);
}
