/** The administration port: metrics, health and the pool's account. */
@NullMarked
package dev.lastref.http.admin;

import org.jspecify.annotations.NullMarked;
