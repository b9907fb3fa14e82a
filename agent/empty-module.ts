/** Stands in the bundle for libraries that are imported but never used on a device. */
const nothing = {};
export default nothing;
