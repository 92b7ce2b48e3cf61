package dev.lastref.http.serve;

import dev.lastref.cache.FetchReader;
import dev.lastref.cache.semantics.RequestPolicy;

/**
 * Whose response a request may wait for, and who may wait for its own.
 *
 * @param shared whether all who ask for the same may have one response
 * @param sharesParts the same, where they ask for the same part
 */
record Company(boolean shared, boolean sharesParts) {
    static Company of(Incoming incoming) {
        RequestPolicy policy = incoming.policy();
        boolean suits = policy.action() == RequestPolicy.Action.LOOKUP
                && !policy.hasAuthorization()
                && !incoming.isHead()
                && !policy.hasConditionForOrigin();
        return new Company(suits && !policy.asksForPart(), suits && policy.asksForPart());
    }

    /** Whether others may wait for it. */
    boolean isPossible() {
        return shared || sharesParts;
    }

    /**
     * Joins the fetch of another, or leads one.
     *
     * @param wake how to tell the reader that there is news; run on any thread
     */
    FetchReader join(ServeContext context, Incoming incoming, Attempt attempt, Runnable wake) {
        Completion completion = attempt.completion();
        if (completion != null && isPossible()) {
            return context.cache().joinPart(attempt.asked(), completion.place(), wake);
        }
        if (shared) {
            return context.cache().join(attempt.asked(), wake);
        }
        FetchReader running = MissSelection.canShareTheWhole(incoming)
                ? context.cache().follow(incoming.key(), incoming.fields(), wake)
                : null;
        if (running != null) {
            return running;
        }
        return sharesParts
                ? context.cache().joinPart(attempt.asked(), MissSelection.partOf(incoming), wake)
                : context.cache().alone(attempt.asked(), wake);
    }
}
