// light-dark() stays native: our tokens use it on the root element, where Mantine's rewrite of it does not reach.
module.exports = {
  plugins: {
    'postcss-preset-mantine': { features: { lightDarkFunction: false } },
  },
};
