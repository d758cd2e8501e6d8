// Loaded before a program that makes what is to be measured later: nothing of it needs to outlast a power cut.
int fsync(int descriptor) { return descriptor < 0 ? -1 : 0; }
