package dev.lastref.cache;

import dev.lastref.cache.semantics.CacheKey;
import dev.lastref.cache.semantics.PathRule;
import dev.lastref.cache.semantics.PathRules;
import dev.lastref.cache.semantics.StoragePolicy;
import dev.lastref.cache.semantics.StorageRules;
import java.util.IdentityHashMap;

/** What may be stored, and for how long: for most URLs one policy, for those that have a rule that rule's. Immutable. */
final class StoragePolicies {
    private final StoragePolicy usual;
    private final PathRules paths;
    private final IdentityHashMap<PathRule, StoragePolicy> byRule = new IdentityHashMap<>();

    StoragePolicies(StorageRules rules, PathRules paths) {
        this.usual = new StoragePolicy(rules);
        this.paths = paths;
        paths.all().forEach(rule -> byRule.put(rule, new StoragePolicy(rule.storage())));
    }

    StoragePolicy of(CacheKey key) {
        PathRule rule = paths.of(key);
        return rule == null ? usual : byRule.getOrDefault(rule, usual);
    }
}
