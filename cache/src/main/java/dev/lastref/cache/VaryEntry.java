package dev.lastref.cache;

import dev.lastref.cache.semantics.CacheKey;
import dev.lastref.cache.semantics.FieldList;
import dev.lastref.cache.semantics.VaryRule;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Stands under a primary key whose responses vary: each variant is found under that key, the values of the request fields that its
 * response named, and a generation. Once the entry is removed its variants are never found again, since the next one has other
 * generations.
 *
 * <p>Responses of one resource may name other fields than those before them, or none: the last few rules are kept, each with its
 * variants, and a request may match one of each (RFC 9111, section 4.1).
 *
 * @param rules that stored responses stated, the one stated last first
 * @param expiresNanos when the variant that is of use longest is so no more, by the cache's ticker
 */
record VaryEntry(List<Rule> rules, long expiresNanos) implements IndexEntry {
    private static final AtomicLong GENERATIONS = new AtomicLong();
    private static final int MOST_RULES = 4;
    private static final int WEIGHT = 128;

    /** A rule, and the generation of the variants that were stored by it. */
    record Rule(VaryRule rule, long generation) {
        CacheKey keyOf(CacheKey primary, FieldList request) {
            return primary.withVariant(generation + " " + rule.variantOf(request));
        }
    }

    /** The entry for a response that is being stored, in place of what stood under the key. */
    static VaryEntry after(@Nullable IndexEntry before, VaryRule stated, long expiresNanos) {
        if (!(before instanceof VaryEntry vary)) {
            return new VaryEntry(List.of(new Rule(stated, GENERATIONS.incrementAndGet())), expiresNanos);
        }
        long expires = Math.max(expiresNanos, vary.expiresNanos);
        if (vary.rules.get(0).rule.equals(stated)) {
            return new VaryEntry(vary.rules, expires);
        }
        List<Rule> rules = new ArrayList<>();
        rules.add(new Rule(stated, GENERATIONS.incrementAndGet()));
        for (Rule rule : vary.rules) {
            if (rule.rule.equals(stated)) {
                rules.set(0, rule);
            } else if (rules.size() < MOST_RULES) {
                rules.add(rule);
            }
        }
        return new VaryEntry(List.copyOf(rules), expires);
    }

    /** Where the variant for this request is, or would be, if it is stored by the rule stated last. */
    CacheKey keyOf(CacheKey primary, FieldList request) {
        return rules.get(0).keyOf(primary, request);
    }

    @Override
    public long remainingNanos(long nowNanos) {
        return expiresNanos - nowNanos;
    }

    @Override
    public int weight() {
        return WEIGHT * rules.size();
    }

    @Override
    public void removed() {}
}
