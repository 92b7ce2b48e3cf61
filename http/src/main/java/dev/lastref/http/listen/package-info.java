/** The sockets that clients connect to, and what is set on them. */
@NullMarked
package dev.lastref.http.listen;

import org.jspecify.annotations.NullMarked;
