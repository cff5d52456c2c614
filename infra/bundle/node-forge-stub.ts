/** All of node-forge that acme-client touches when it is loaded; what is called of it later is never called here. */
export const pki = {
  rsa: {
    generateKeyPair(): never {
      throw new Error('node-forge is not part of this bundle: make keys with node:crypto');
    },
  },
};
