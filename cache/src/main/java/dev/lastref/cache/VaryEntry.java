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
 * @param latest the keys of the variants that were stored last, the last one first
 * @param expiresNanos when the variant that is of use longest is so no more, by the cache's ticker
 */
record VaryEntry(List<Rule> rules, List<CacheKey> latest, long expiresNanos) implements IndexEntry {
    private static final AtomicLong GENERATIONS = new AtomicLong();
    private static final int MOST_RULES = 4;
    private static final int MOST_LATEST = 8;
    /** Of the index, of the entry itself, and of its lists. */
    private static final int HEAP = 300;

    private static final int HEAP_OF_RULE = 150;

    /** A rule, and the generation of the variants that were stored by it. */
    record Rule(VaryRule rule, long generation) {
        CacheKey keyOf(CacheKey primary, FieldList request) {
            return primary.withVariant(generation + " " + rule.variantOf(request));
        }
    }

    /** The entry for a response that is being stored, in place of what stood under the key. */
    static VaryEntry after(
            @Nullable IndexEntry before, VaryRule stated, long expiresNanos, CacheKey primary, FieldList request) {
        VaryEntry vary = before instanceof VaryEntry there ? there : null;
        List<Rule> rules = vary == null ? List.of(new Rule(stated, GENERATIONS.incrementAndGet())) : vary.with(stated);
        CacheKey stored = rules.get(0).keyOf(primary, request);
        return new VaryEntry(
                rules,
                vary == null ? List.of(stored) : vary.withLatest(stored),
                vary == null ? expiresNanos : Math.max(expiresNanos, vary.expiresNanos));
    }

    private List<Rule> with(VaryRule stated) {
        if (rules.get(0).rule.equals(stated)) {
            return rules;
        }
        List<Rule> all = new ArrayList<>();
        all.add(new Rule(stated, GENERATIONS.incrementAndGet()));
        for (Rule rule : rules) {
            if (rule.rule.equals(stated)) {
                all.set(0, rule);
            } else if (all.size() < MOST_RULES) {
                all.add(rule);
            }
        }
        return List.copyOf(all);
    }

    private List<CacheKey> withLatest(CacheKey stored) {
        if (latest.get(0).equals(stored)) {
            return latest;
        }
        List<CacheKey> all = new ArrayList<>(MOST_LATEST);
        all.add(stored);
        for (CacheKey key : latest) {
            if (all.size() < MOST_LATEST && !key.equals(stored)) {
                all.add(key);
            }
        }
        return List.copyOf(all);
    }

    /** Where the variant for this request is, or would be, if it is stored by the rule stated last. */
    CacheKey keyOf(CacheKey primary, FieldList request) {
        return rules.get(0).keyOf(primary, request);
    }

    @Override
    public long usefulNanos(long nowNanos) {
        return expiresNanos - nowNanos;
    }

    @Override
    public int poolBytes() {
        return 0;
    }

    @Override
    public long heapBytes() {
        long bytes = HEAP + (long) HEAP_OF_RULE * rules.size();
        for (CacheKey key : latest) {
            bytes += key.heapBytes();
        }
        return bytes;
    }

    @Override
    public void removed() {}
}
