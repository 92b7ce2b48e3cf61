package dev.lastref.pool;

/**
 * The descriptors of this process, of which whoever opens files or connections takes some: whether there are any for him, and where he
 * tells that there was none. Some may be held back for others. All threads; nothing blocks.
 */
public interface Descriptors {
    /** None are held back: each may take all that there are. */
    Descriptors ALL = new Descriptors() {
        @Override
        public boolean areScarce() {
            return false;
        }

        @Override
        public void ranOut() {}
    };

    /** Whether what is left of them is for others. */
    boolean areScarce();

    /** None was left (EMFILE, ENFILE). If some were held back they are there now, and scarce. */
    void ranOut();
}
