package dev.lastref.cache;

import dev.lastref.cache.semantics.CacheKey;
import dev.lastref.cache.semantics.FieldList;
import dev.lastref.cache.semantics.FieldUpdate;
import dev.lastref.cache.semantics.Freshness;
import dev.lastref.cache.semantics.StoragePolicy;
import dev.lastref.cache.semantics.Validators;
import org.jspecify.annotations.Nullable;

/**
 * Gives stored responses newer heads from a response that came without content: a 304 (RFC 9111, section 4.3.4), or one to HEAD
 * (section 4.3.5). The content stays where it is; the new stored response shares it, and is published before the old one lets go.
 */
final class Freshener {
    private static final String LENGTH = "Content-Length";

    private final ResponseCache cache;

    Freshener(ResponseCache cache) {
        this.cache = cache;
    }

    /**
     * The origin has answered a request that was made conditional by {@code asked.stored()} with 304.
     *
     * @return the stored response that answers now; null if what was stored turned out to be of no use, and is gone
     */
    @Nullable
    StoredResponse validated(
            CacheKey key, Asked asked, StoredResponse stored, ResponseHead arrived, Times times, Began began) {
        Validators said = Validators.of(arrived.fields());
        if (!said.confirm(Validators.of(stored.fields()))) {
            cache.index().remove(stored);
            return null;
        }
        StoredResponse answers = update(key, asked.request(), stored, arrived, times, began);
        if (said.hasStrongTag()) {
            Freshness itsTimes = timesOf(arrived, times);
            for (StoredResponse other : cache.index().candidates(key, asked.request())) {
                boolean same = said.confirm(Validators.of(other.fields()))
                        && !Precedence.isOlder(arrived.fields(), itsTimes, other);
                if (other != answers && other != stored && same) {
                    StoredResponse unused = update(key, asked.request(), other, arrived, times, began);
                }
            }
        }
        return answers;
    }

    /**
     * The origin has answered a request that named the entity tags of stored responses which do not match it with 304: the one that it
     * names by its strong tag is the response to this request too, with the newer fields (RFC 9111, sections 4.3.1 and 4.3.2). It is
     * stored for it, beside the one that it was stored as.
     *
     * @return the stored response that answers; null if the origin named none, and is to be asked for all of it
     */
    @Nullable
    StoredResponse selected(CacheKey key, Asked asked, ResponseHead arrived, Times times, Began began) {
        Validators said = Validators.of(arrived.fields());
        if (!said.hasStrongTag()) {
            return null;
        }
        for (StoredResponse variant : asked.variants()) {
            if (said.confirm(Validators.of(variant.fields()))) {
                return publish(key, asked.request(), variant, arrived, times, began, null);
            }
        }
        return null;
    }

    /**
     * A response to HEAD has come with 200: what could have been chosen for it is updated, or found to be outdated; but not what is
     * {@linkplain Precedence more recent}, of which it knows nothing.
     */
    void head(CacheKey key, FieldList request, ResponseHead arrived, Times times, Began began) {
        Validators said = Validators.of(arrived.fields());
        String length = arrived.fields().first(LENGTH);
        Freshness itsTimes = timesOf(arrived, times);
        for (StoredResponse stored : cache.index().candidates(key, request)) {
            if (Precedence.isOlder(arrived.fields(), itsTimes, stored)) {
                continue;
            }
            boolean sameLength = length == null || length.strip().equals(String.valueOf(stored.completeLength()));
            boolean sameStatus = stored.part() != null || stored.status() == arrived.status();
            if (sameStatus && sameLength && said.matchAll(Validators.of(stored.fields()))) {
                StoredResponse unused = update(key, request, stored, arrived, times, began);
            } else {
                cache.index().remove(stored);
            }
        }
    }

    /**
     * When the response came.
     *
     * @param requestNanos the ticker when it was asked for
     * @param responseNanos the ticker when it came
     */
    record Times(long requestNanos, long responseNanos, long epochMillis) {}

    /** To tell what is more recent. */
    private static Freshness timesOf(ResponseHead arrived, Times times) {
        return Freshness.of(arrived.fields(), 0, times.requestNanos(), times.responseNanos(), times.epochMillis());
    }

    private @Nullable StoredResponse update(
            CacheKey key, FieldList request, StoredResponse stored, ResponseHead arrived, Times times, Began began) {
        StoredResponse updated = publish(key, request, stored, arrived, times, began, stored);
        if (updated == null) {
            cache.index().remove(stored);
        }
        return updated;
    }

    /** Null if it may not be stored, or its content has left the store. */
    private @Nullable StoredResponse publish(
            CacheKey key,
            FieldList request,
            StoredResponse stored,
            ResponseHead arrived,
            Times times,
            Began began,
            @Nullable StoredResponse replaced) {
        FieldList fields = FieldUpdate.apply(stored.fields(), arrived.fields());
        StoragePolicy.Decision decided =
                cache.storagePolicy(key).decide("GET", request, stored.status(), fields, times.epochMillis());
        if (!decided.isStorable() || !stored.tryRetainContent()) {
            return null;
        }
        FieldList.Builder kept = fields.toBuilder();
        decided.withheld().forEach(kept::remove);
        ResponseHead head = new ResponseHead(stored.status(), kept.build(), stored.length());
        Freshness freshness = Freshness.of(
                fields, decided.lifetimeNanos(), times.requestNanos(), times.responseNanos(), times.epochMillis());
        return cache.index()
                .publish(
                        key,
                        request,
                        new ResponseIndex.Deposited(head, freshness, decided.terms(), stored.extent()),
                        replaced,
                        began);
    }
}
