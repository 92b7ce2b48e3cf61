/** What the tests of every module use: the leak check, seeded bytes, and peers that read slowly or not at all. */
package dev.lastref.pool.testing;
