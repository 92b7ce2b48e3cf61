package dev.lastref.cache;

import dev.lastref.cache.semantics.CacheKey;
import dev.lastref.cache.semantics.FieldList;
import dev.lastref.cache.semantics.HeapSize;
import dev.lastref.cache.semantics.ReuseTerms;

/**
 * What stored responses say as others before them did: origins say the same of most of their responses, and that is kept once.
 *
 * <p>Threads: any, without a lock. What is remembered here is bounded in number and in size, since it outlives the entries that brought it.
 */
final class SharedParts {
    private static final int SHORT = 128;
    /** Such as a Content-Security-Policy. Longer ones are nobody else's, and not worth keeping for those who come. */
    private static final int LONG = 2048;
    /** Bytes of a list itself, without its names and values. */
    private static final int LARGEST_LIST = 512;

    private final Recent<String> strings = new Recent<>(4096);
    private final Recent<String> longStrings = new Recent<>(256);
    /** Many responses of a moment say nothing of their own, such as those of an application that sets no validators. */
    private final Recent<FieldList> lists = new Recent<>(256);

    private final Recent<ReuseTerms> terms = new Recent<>(64);

    /**
     * The parts of one response, and what of them it brings to the heap. For one thread. What few have shared counts for each of them: who
     * brought it may be the first to go.
     */
    final class OfOne {
        private long heapBytes;

        private OfOne() {}

        /** The same key, with an authority that is shared. */
        CacheKey key(CacheKey key) {
            heapBytes += key.heapBytesBesideAuthority();
            return key.sharing(this::text);
        }

        /** Equal fields. */
        FieldList fields(FieldList fields) {
            FieldList mapped = fields.map(this::text);
            if (mapped.heapBytes() > LARGEST_LIST) {
                heapBytes += mapped.heapBytes();
                return mapped;
            }
            FieldList shared = lists.share(mapped);
            heapBytes += lists.isCommon(shared) ? 0 : mapped.heapBytes();
            return shared;
        }

        /** Equal terms. There are few that differ: they count nothing. */
        ReuseTerms terms(ReuseTerms its) {
            return terms.share(its);
        }

        private String text(String text) {
            if (text.length() > LONG) {
                heapBytes += HeapSize.ofString(text);
                return text;
            }
            Recent<String> among = text.length() > SHORT ? longStrings : strings;
            String shared = among.share(text);
            heapBytes += among.isCommon(shared) ? 0 : HeapSize.ofString(shared);
            return shared;
        }

        /** Bytes that the heap holds for this response of what was asked for, about. What many have counts nothing. */
        long heapBytes() {
            return heapBytes;
        }
    }

    OfOne ofOne() {
        return new OfOne();
    }
}
