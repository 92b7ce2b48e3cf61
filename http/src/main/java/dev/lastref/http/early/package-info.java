/**
 * Hits of plain requests, answered before the server has parsed them: most requests of most clients ask for nothing special, and for
 * those a parser's and an exchange's work would cost more than the answer. What is in any way special goes the long way, through
 * {@code serve}, which answers the same.
 */
@NullMarked
package dev.lastref.http.early;

import org.jspecify.annotations.NullMarked;
