#include "textflag.h"

// The constants of SHA-256: the fractional parts of the cube roots of the first
// 64 primes.

DATA k256<>+0(SB)/8, $0x71374491428a2f98
DATA k256<>+8(SB)/8, $0xe9b5dba5b5c0fbcf
DATA k256<>+16(SB)/8, $0x59f111f13956c25b
DATA k256<>+24(SB)/8, $0xab1c5ed5923f82a4
DATA k256<>+32(SB)/8, $0x12835b01d807aa98
DATA k256<>+40(SB)/8, $0x550c7dc3243185be
DATA k256<>+48(SB)/8, $0x80deb1fe72be5d74
DATA k256<>+56(SB)/8, $0xc19bf1749bdc06a7
DATA k256<>+64(SB)/8, $0xefbe4786e49b69c1
DATA k256<>+72(SB)/8, $0x240ca1cc0fc19dc6
DATA k256<>+80(SB)/8, $0x4a7484aa2de92c6f
DATA k256<>+88(SB)/8, $0x76f988da5cb0a9dc
DATA k256<>+96(SB)/8, $0xa831c66d983e5152
DATA k256<>+104(SB)/8, $0xbf597fc7b00327c8
DATA k256<>+112(SB)/8, $0xd5a79147c6e00bf3
DATA k256<>+120(SB)/8, $0x1429296706ca6351
DATA k256<>+128(SB)/8, $0x2e1b213827b70a85
DATA k256<>+136(SB)/8, $0x53380d134d2c6dfc
DATA k256<>+144(SB)/8, $0x766a0abb650a7354
DATA k256<>+152(SB)/8, $0x92722c8581c2c92e
DATA k256<>+160(SB)/8, $0xa81a664ba2bfe8a1
DATA k256<>+168(SB)/8, $0xc76c51a3c24b8b70
DATA k256<>+176(SB)/8, $0xd6990624d192e819
DATA k256<>+184(SB)/8, $0x106aa070f40e3585
DATA k256<>+192(SB)/8, $0x1e376c0819a4c116
DATA k256<>+200(SB)/8, $0x34b0bcb52748774c
DATA k256<>+208(SB)/8, $0x4ed8aa4a391c0cb3
DATA k256<>+216(SB)/8, $0x682e6ff35b9cca4f
DATA k256<>+224(SB)/8, $0x78a5636f748f82ee
DATA k256<>+232(SB)/8, $0x8cc7020884c87814
DATA k256<>+240(SB)/8, $0xa4506ceb90befffa
DATA k256<>+248(SB)/8, $0xc67178f2bef9a3f7
GLOBL k256<>(SB), RODATA|NOPTR, $256

// Turns four big-endian words.
DATA turn<>+0(SB)/8, $0x0405060700010203
DATA turn<>+8(SB)/8, $0x0c0d0e0f08090a0b
GLOBL turn<>(SB), RODATA|NOPTR, $16

// A lane has its state in two registers, as the instructions want it: a, b, e, f
// in S and c, d, g, h in T; and the last sixteen words of its schedule in four.
// X0 is what the round instruction takes its words and constants from; that both
// lanes use it keeps neither from going on.

// Loads a state.
#define STATE(at, S, T) \
	MOVOU     0(at), X13     \
	MOVOU     16(at), T      \
	PSHUFD    $0xB1, X13, X13 \
	PSHUFD    $0x1B, T, T    \
	MOVO      X13, S         \
	PALIGNR   $8, T, S       \
	PBLENDW   $0xF0, X13, T

// Stores it.
#define STORE(at, S, T) \
	PSHUFD    $0x1B, S, X13  \
	PSHUFD    $0xB1, T, T    \
	MOVO      X13, S         \
	PBLENDW   $0xF0, T, S    \
	PALIGNR   $8, X13, T     \
	MOVOU     S, 0(at)       \
	MOVOU     T, 16(at)

#define LOAD(off, at, M) \
	MOVOU     off(at), M     \
	PSHUFB    X15, M

// Four rounds: the words in M with the constants at off.
#define ROUNDS(off, M, S, T) \
	MOVOU       off(AX), X0    \
	PADDD       M, X0          \
	SHA256RNDS2 X0, S, T       \
	PSHUFD      $0x0E, X0, X0  \
	SHA256RNDS2 X0, T, S

// Ends the schedule of the words behind M, which are gathered in N; P stands
// before M.
#define SCHEDULE(P, M, N) \
	MOVO       M, X13          \
	PALIGNR    $4, P, X13      \
	PADDD      X13, N          \
	SHA256MSG2 M, N

// func blocks2(a, b *[8]uint32, p, q *byte, n int)
TEXT ·blocks2(SB), NOSPLIT, $64-40
	MOVQ  a+0(FP), DI
	MOVQ  b+8(FP), SI
	MOVQ  p+16(FP), R8
	MOVQ  q+24(FP), R9
	MOVQ  n+32(FP), CX
	TESTQ CX, CX
	JLE   done
	LEAQ  k256<>(SB), AX
	MOVOU turn<>(SB), X15
	STATE(DI, X1, X2)
	STATE(SI, X7, X8)

loop:
	MOVOU X1, 0(SP)
	MOVOU X2, 16(SP)
	MOVOU X7, 32(SP)
	MOVOU X8, 48(SP)

	LOAD(0, R8, X3)
	ROUNDS(0, X3, X1, X2)
	LOAD(0, R9, X9)
	ROUNDS(0, X9, X7, X8)

	LOAD(16, R8, X4)
	ROUNDS(16, X4, X1, X2)
	SHA256MSG1 X4, X3
	LOAD(16, R9, X10)
	ROUNDS(16, X10, X7, X8)
	SHA256MSG1 X10, X9

	LOAD(32, R8, X5)
	ROUNDS(32, X5, X1, X2)
	SHA256MSG1 X5, X4
	LOAD(32, R9, X11)
	ROUNDS(32, X11, X7, X8)
	SHA256MSG1 X11, X10

	LOAD(48, R8, X6)
	ROUNDS(48, X6, X1, X2)
	SCHEDULE(X5, X6, X3)
	SHA256MSG1 X6, X5
	LOAD(48, R9, X12)
	ROUNDS(48, X12, X7, X8)
	SCHEDULE(X11, X12, X9)
	SHA256MSG1 X12, X11

	ROUNDS(64, X3, X1, X2)
	SCHEDULE(X6, X3, X4)
	SHA256MSG1 X3, X6
	ROUNDS(64, X9, X7, X8)
	SCHEDULE(X12, X9, X10)
	SHA256MSG1 X9, X12

	ROUNDS(80, X4, X1, X2)
	SCHEDULE(X3, X4, X5)
	SHA256MSG1 X4, X3
	ROUNDS(80, X10, X7, X8)
	SCHEDULE(X9, X10, X11)
	SHA256MSG1 X10, X9

	ROUNDS(96, X5, X1, X2)
	SCHEDULE(X4, X5, X6)
	SHA256MSG1 X5, X4
	ROUNDS(96, X11, X7, X8)
	SCHEDULE(X10, X11, X12)
	SHA256MSG1 X11, X10

	ROUNDS(112, X6, X1, X2)
	SCHEDULE(X5, X6, X3)
	SHA256MSG1 X6, X5
	ROUNDS(112, X12, X7, X8)
	SCHEDULE(X11, X12, X9)
	SHA256MSG1 X12, X11

	ROUNDS(128, X3, X1, X2)
	SCHEDULE(X6, X3, X4)
	SHA256MSG1 X3, X6
	ROUNDS(128, X9, X7, X8)
	SCHEDULE(X12, X9, X10)
	SHA256MSG1 X9, X12

	ROUNDS(144, X4, X1, X2)
	SCHEDULE(X3, X4, X5)
	SHA256MSG1 X4, X3
	ROUNDS(144, X10, X7, X8)
	SCHEDULE(X9, X10, X11)
	SHA256MSG1 X10, X9

	ROUNDS(160, X5, X1, X2)
	SCHEDULE(X4, X5, X6)
	SHA256MSG1 X5, X4
	ROUNDS(160, X11, X7, X8)
	SCHEDULE(X10, X11, X12)
	SHA256MSG1 X11, X10

	ROUNDS(176, X6, X1, X2)
	SCHEDULE(X5, X6, X3)
	SHA256MSG1 X6, X5
	ROUNDS(176, X12, X7, X8)
	SCHEDULE(X11, X12, X9)
	SHA256MSG1 X12, X11

	ROUNDS(192, X3, X1, X2)
	SCHEDULE(X6, X3, X4)
	SHA256MSG1 X3, X6
	ROUNDS(192, X9, X7, X8)
	SCHEDULE(X12, X9, X10)
	SHA256MSG1 X9, X12

	ROUNDS(208, X4, X1, X2)
	SCHEDULE(X3, X4, X5)
	ROUNDS(208, X10, X7, X8)
	SCHEDULE(X9, X10, X11)

	ROUNDS(224, X5, X1, X2)
	SCHEDULE(X4, X5, X6)
	ROUNDS(224, X11, X7, X8)
	SCHEDULE(X10, X11, X12)

	ROUNDS(240, X6, X1, X2)
	ROUNDS(240, X12, X7, X8)

	MOVOU 0(SP), X3
	MOVOU 16(SP), X4
	MOVOU 32(SP), X9
	MOVOU 48(SP), X10
	PADDD X3, X1
	PADDD X4, X2
	PADDD X9, X7
	PADDD X10, X8
	ADDQ  $64, R8
	ADDQ  $64, R9
	DECQ  CX
	JNE   loop

	STORE(DI, X1, X2)
	STORE(SI, X7, X8)

done:
	RET

// func cpuid(leaf, sub uint32) (eax, ebx, ecx uint32)
TEXT ·cpuid(SB), NOSPLIT, $0-20
	MOVL leaf+0(FP), AX
	MOVL sub+4(FP), CX
	CPUID
	MOVL AX, eax+8(FP)
	MOVL BX, ebx+12(FP)
	MOVL CX, ecx+16(FP)
	RET
