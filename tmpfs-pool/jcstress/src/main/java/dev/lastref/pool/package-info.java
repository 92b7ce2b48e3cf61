/**
 * Races of the pool, two threads each, with every outcome named: what is allowed, and what must never be seen. They lie in the pool's own
 * package, since the smallest pieces are what is worth racing. Run by {@code mvn -Pjcstress verify}.
 */
package dev.lastref.pool;
