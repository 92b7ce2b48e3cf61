package dev.lastref.http.cli;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;

/**
 * The JDK's only way to hear of signals, {@code sun.misc.Signal}: of the module jdk.unsupported, exported in every version from 9 on.
 * By reflection, since the compiler's warning about its name cannot be suppressed.
 */
final class Signals {
    private Signals() {}

    /**
     * Has a thread of the JVM's run this whenever the signal comes.
     *
     * @param name without SIG
     * @throws UnsupportedOperationException if the JVM has no such module, or keeps the signal for itself
     */
    static void on(String name, Runnable handler) {
        try {
            Class<?> signalClass = Class.forName("sun.misc.Signal");
            Class<?> handlerClass = Class.forName("sun.misc.SignalHandler");
            Object signal = signalClass.getConstructor(String.class).newInstance(name);
            Object proxy = Proxy.newProxyInstance(
                    Signals.class.getClassLoader(), new Class<?>[] {handlerClass}, (self, method, arguments) -> {
                        if (method.getName().equals("handle")) {
                            handler.run();
                            return null;
                        }
                        return method.invoke(handler, arguments); // of Object
                    });
            signalClass.getMethod("handle", signalClass, handlerClass).invoke(null, signal, proxy);
        } catch (InvocationTargetException e) {
            throw new UnsupportedOperationException("SIG" + name + ": " + e.getCause(), e);
        } catch (ReflectiveOperationException e) {
            throw new UnsupportedOperationException("SIG" + name + ": " + e, e);
        }
    }
}
